from django.db import migrations, models


class Migration(migrations.Migration):
    """Sources are found by their sites."""

    dependencies = [("aggregator", "0035_looks_by_day")]
    operations = [
        migrations.AddIndex(model_name="feed", index=models.Index(fields=["site_url"], name="feed_site")),
    ]
